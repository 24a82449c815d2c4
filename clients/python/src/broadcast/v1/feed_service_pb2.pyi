from broadcast.v1 import authorization_pb2 as _authorization_pb2
from broadcast.v1 import feed_pb2 as _feed_pb2
from broadcast.v1 import import_pb2 as _import_pb2
from broadcast.v1 import message_pb2 as _message_pb2
from broadcast.v1 import operation_pb2 as _operation_pb2
from broadcast.v1 import post_pb2 as _post_pb2
from google.protobuf import field_mask_pb2 as _field_mask_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CreateFeedRequest(_message.Message):
    __slots__ = ("feed", "request_id", "validate_only")
    FEED_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    feed: _feed_pb2.Feed
    request_id: str
    validate_only: bool
    def __init__(self, feed: _Optional[_Union[_feed_pb2.Feed, _Mapping]] = ..., request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class CreateFeedResponse(_message.Message):
    __slots__ = ("feed", "replayed")
    FEED_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    feed: _feed_pb2.Feed
    replayed: bool
    def __init__(self, feed: _Optional[_Union[_feed_pb2.Feed, _Mapping]] = ..., replayed: _Optional[bool] = ...) -> None: ...

class GetFeedRequest(_message.Message):
    __slots__ = ("feed_id",)
    FEED_ID_FIELD_NUMBER: _ClassVar[int]
    feed_id: str
    def __init__(self, feed_id: _Optional[str] = ...) -> None: ...

class GetFeedResponse(_message.Message):
    __slots__ = ("feed", "feed_channels")
    FEED_FIELD_NUMBER: _ClassVar[int]
    FEED_CHANNELS_FIELD_NUMBER: _ClassVar[int]
    feed: _feed_pb2.Feed
    feed_channels: _containers.RepeatedCompositeFieldContainer[_feed_pb2.FeedChannel]
    def __init__(self, feed: _Optional[_Union[_feed_pb2.Feed, _Mapping]] = ..., feed_channels: _Optional[_Iterable[_Union[_feed_pb2.FeedChannel, _Mapping]]] = ...) -> None: ...

class ListFeedsRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "filter", "order_by")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    ORDER_BY_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    filter: str
    order_by: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., filter: _Optional[str] = ..., order_by: _Optional[str] = ...) -> None: ...

class ListFeedsResponse(_message.Message):
    __slots__ = ("feeds", "next_page_token")
    FEEDS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    feeds: _containers.RepeatedCompositeFieldContainer[_feed_pb2.Feed]
    next_page_token: str
    def __init__(self, feeds: _Optional[_Iterable[_Union[_feed_pb2.Feed, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class UpdateFeedRequest(_message.Message):
    __slots__ = ("feed", "update_mask", "request_id", "validate_only")
    FEED_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    feed: _feed_pb2.Feed
    update_mask: _field_mask_pb2.FieldMask
    request_id: str
    validate_only: bool
    def __init__(self, feed: _Optional[_Union[_feed_pb2.Feed, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class UpdateFeedResponse(_message.Message):
    __slots__ = ("feed", "replayed")
    FEED_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    feed: _feed_pb2.Feed
    replayed: bool
    def __init__(self, feed: _Optional[_Union[_feed_pb2.Feed, _Mapping]] = ..., replayed: _Optional[bool] = ...) -> None: ...

class DeleteFeedRequest(_message.Message):
    __slots__ = ("feed_id", "etag", "request_id", "validate_only", "allow_missing", "force")
    FEED_ID_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    ALLOW_MISSING_FIELD_NUMBER: _ClassVar[int]
    FORCE_FIELD_NUMBER: _ClassVar[int]
    feed_id: str
    etag: str
    request_id: str
    validate_only: bool
    allow_missing: bool
    force: bool
    def __init__(self, feed_id: _Optional[str] = ..., etag: _Optional[str] = ..., request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ..., allow_missing: _Optional[bool] = ..., force: _Optional[bool] = ...) -> None: ...

class DeleteFeedResponse(_message.Message):
    __slots__ = ("feed_count", "replayed")
    FEED_COUNT_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    feed_count: int
    replayed: bool
    def __init__(self, feed_count: _Optional[int] = ..., replayed: _Optional[bool] = ...) -> None: ...

class AddFeedChannelRequest(_message.Message):
    __slots__ = ("feed_id", "channel_id", "fill", "request_id", "validate_only")
    FEED_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_ID_FIELD_NUMBER: _ClassVar[int]
    FILL_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    feed_id: str
    channel_id: str
    fill: bool
    request_id: str
    validate_only: bool
    def __init__(self, feed_id: _Optional[str] = ..., channel_id: _Optional[str] = ..., fill: _Optional[bool] = ..., request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class AddFeedChannelResponse(_message.Message):
    __slots__ = ("feed_channel", "operation", "replayed")
    FEED_CHANNEL_FIELD_NUMBER: _ClassVar[int]
    OPERATION_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    feed_channel: _feed_pb2.FeedChannel
    operation: _operation_pb2.Operation
    replayed: bool
    def __init__(self, feed_channel: _Optional[_Union[_feed_pb2.FeedChannel, _Mapping]] = ..., operation: _Optional[_Union[_operation_pb2.Operation, _Mapping]] = ..., replayed: _Optional[bool] = ...) -> None: ...

class RemoveFeedChannelRequest(_message.Message):
    __slots__ = ("feed_id", "channel_id", "clear", "request_id", "validate_only", "allow_missing")
    FEED_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_ID_FIELD_NUMBER: _ClassVar[int]
    CLEAR_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    ALLOW_MISSING_FIELD_NUMBER: _ClassVar[int]
    feed_id: str
    channel_id: str
    clear: bool
    request_id: str
    validate_only: bool
    allow_missing: bool
    def __init__(self, feed_id: _Optional[str] = ..., channel_id: _Optional[str] = ..., clear: _Optional[bool] = ..., request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ..., allow_missing: _Optional[bool] = ...) -> None: ...

class RemoveFeedChannelResponse(_message.Message):
    __slots__ = ("feed_channel_count", "operation", "replayed")
    FEED_CHANNEL_COUNT_FIELD_NUMBER: _ClassVar[int]
    OPERATION_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    feed_channel_count: int
    operation: _operation_pb2.Operation
    replayed: bool
    def __init__(self, feed_channel_count: _Optional[int] = ..., operation: _Optional[_Union[_operation_pb2.Operation, _Mapping]] = ..., replayed: _Optional[bool] = ...) -> None: ...

class UpsertPostRequest(_message.Message):
    __slots__ = ("feed_id", "post", "etag", "request_id", "validate_only")
    FEED_ID_FIELD_NUMBER: _ClassVar[int]
    POST_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    feed_id: str
    post: _post_pb2.PostSpec
    etag: str
    request_id: str
    validate_only: bool
    def __init__(self, feed_id: _Optional[str] = ..., post: _Optional[_Union[_post_pb2.PostSpec, _Mapping]] = ..., etag: _Optional[str] = ..., request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class UpsertPostResponse(_message.Message):
    __slots__ = ("post", "outcome", "operation", "replayed")
    POST_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    OPERATION_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    post: _post_pb2.Post
    outcome: _post_pb2.PostOutcome
    operation: _operation_pb2.Operation
    replayed: bool
    def __init__(self, post: _Optional[_Union[_post_pb2.Post, _Mapping]] = ..., outcome: _Optional[_Union[_post_pb2.PostOutcome, str]] = ..., operation: _Optional[_Union[_operation_pb2.Operation, _Mapping]] = ..., replayed: _Optional[bool] = ...) -> None: ...

class BatchUpsertPostsRequest(_message.Message):
    __slots__ = ("feed_id", "posts", "request_id", "validate_only")
    FEED_ID_FIELD_NUMBER: _ClassVar[int]
    POSTS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    feed_id: str
    posts: _containers.RepeatedCompositeFieldContainer[_post_pb2.PostSpec]
    request_id: str
    validate_only: bool
    def __init__(self, feed_id: _Optional[str] = ..., posts: _Optional[_Iterable[_Union[_post_pb2.PostSpec, _Mapping]]] = ..., request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class BatchUpsertPostsResponse(_message.Message):
    __slots__ = ("results", "operation", "replayed")
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    OPERATION_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[PostResult]
    operation: _operation_pb2.Operation
    replayed: bool
    def __init__(self, results: _Optional[_Iterable[_Union[PostResult, _Mapping]]] = ..., operation: _Optional[_Union[_operation_pb2.Operation, _Mapping]] = ..., replayed: _Optional[bool] = ...) -> None: ...

class PostResult(_message.Message):
    __slots__ = ("post", "outcome")
    POST_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    post: _post_pb2.Post
    outcome: _post_pb2.PostOutcome
    def __init__(self, post: _Optional[_Union[_post_pb2.Post, _Mapping]] = ..., outcome: _Optional[_Union[_post_pb2.PostOutcome, str]] = ...) -> None: ...

class ImportPostsRequest(_message.Message):
    __slots__ = ("settings", "posts", "completion")
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    POSTS_FIELD_NUMBER: _ClassVar[int]
    COMPLETION_FIELD_NUMBER: _ClassVar[int]
    settings: ImportSettings
    posts: ImportedPosts
    completion: ImportCompletion
    def __init__(self, settings: _Optional[_Union[ImportSettings, _Mapping]] = ..., posts: _Optional[_Union[ImportedPosts, _Mapping]] = ..., completion: _Optional[_Union[ImportCompletion, _Mapping]] = ...) -> None: ...

class ImportSettings(_message.Message):
    __slots__ = ("feed_id", "mode", "validate_only", "max_closes", "request_id", "import_id", "replace_running")
    FEED_ID_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    MAX_CLOSES_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    IMPORT_ID_FIELD_NUMBER: _ClassVar[int]
    REPLACE_RUNNING_FIELD_NUMBER: _ClassVar[int]
    feed_id: str
    mode: _import_pb2.ImportMode
    validate_only: bool
    max_closes: int
    request_id: str
    import_id: str
    replace_running: bool
    def __init__(self, feed_id: _Optional[str] = ..., mode: _Optional[_Union[_import_pb2.ImportMode, str]] = ..., validate_only: _Optional[bool] = ..., max_closes: _Optional[int] = ..., request_id: _Optional[str] = ..., import_id: _Optional[str] = ..., replace_running: _Optional[bool] = ...) -> None: ...

class ImportedPosts(_message.Message):
    __slots__ = ("posts",)
    POSTS_FIELD_NUMBER: _ClassVar[int]
    posts: _containers.RepeatedCompositeFieldContainer[_post_pb2.PostSpec]
    def __init__(self, posts: _Optional[_Iterable[_Union[_post_pb2.PostSpec, _Mapping]]] = ...) -> None: ...

class ImportCompletion(_message.Message):
    __slots__ = ("expected_count",)
    EXPECTED_COUNT_FIELD_NUMBER: _ClassVar[int]
    expected_count: int
    def __init__(self, expected_count: _Optional[int] = ...) -> None: ...

class ImportPostsResponse(_message.Message):
    __slots__ = ("progress", "resumed")
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    RESUMED_FIELD_NUMBER: _ClassVar[int]
    progress: _import_pb2.Import
    resumed: bool
    def __init__(self, progress: _Optional[_Union[_import_pb2.Import, _Mapping]] = ..., resumed: _Optional[bool] = ...) -> None: ...

class PostName(_message.Message):
    __slots__ = ("feed_id", "external_id")
    FEED_ID_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_ID_FIELD_NUMBER: _ClassVar[int]
    feed_id: str
    external_id: str
    def __init__(self, feed_id: _Optional[str] = ..., external_id: _Optional[str] = ...) -> None: ...

class ClosePostRequest(_message.Message):
    __slots__ = ("post_id", "post_name", "etag", "reason", "request_id", "validate_only")
    POST_ID_FIELD_NUMBER: _ClassVar[int]
    POST_NAME_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    post_id: str
    post_name: PostName
    etag: str
    reason: str
    request_id: str
    validate_only: bool
    def __init__(self, post_id: _Optional[str] = ..., post_name: _Optional[_Union[PostName, _Mapping]] = ..., etag: _Optional[str] = ..., reason: _Optional[str] = ..., request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class ClosePostResponse(_message.Message):
    __slots__ = ("post", "operation", "replayed")
    POST_FIELD_NUMBER: _ClassVar[int]
    OPERATION_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    post: _post_pb2.Post
    operation: _operation_pb2.Operation
    replayed: bool
    def __init__(self, post: _Optional[_Union[_post_pb2.Post, _Mapping]] = ..., operation: _Optional[_Union[_operation_pb2.Operation, _Mapping]] = ..., replayed: _Optional[bool] = ...) -> None: ...

class DeletePostRequest(_message.Message):
    __slots__ = ("post_id", "post_name", "etag", "request_id", "validate_only", "allow_missing")
    POST_ID_FIELD_NUMBER: _ClassVar[int]
    POST_NAME_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    ALLOW_MISSING_FIELD_NUMBER: _ClassVar[int]
    post_id: str
    post_name: PostName
    etag: str
    request_id: str
    validate_only: bool
    allow_missing: bool
    def __init__(self, post_id: _Optional[str] = ..., post_name: _Optional[_Union[PostName, _Mapping]] = ..., etag: _Optional[str] = ..., request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ..., allow_missing: _Optional[bool] = ...) -> None: ...

class DeletePostResponse(_message.Message):
    __slots__ = ("post_count", "operation", "replayed")
    POST_COUNT_FIELD_NUMBER: _ClassVar[int]
    OPERATION_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    post_count: int
    operation: _operation_pb2.Operation
    replayed: bool
    def __init__(self, post_count: _Optional[int] = ..., operation: _Optional[_Union[_operation_pb2.Operation, _Mapping]] = ..., replayed: _Optional[bool] = ...) -> None: ...

class GetPostRequest(_message.Message):
    __slots__ = ("post_id", "post_name")
    POST_ID_FIELD_NUMBER: _ClassVar[int]
    POST_NAME_FIELD_NUMBER: _ClassVar[int]
    post_id: str
    post_name: PostName
    def __init__(self, post_id: _Optional[str] = ..., post_name: _Optional[_Union[PostName, _Mapping]] = ...) -> None: ...

class GetPostResponse(_message.Message):
    __slots__ = ("post",)
    POST_FIELD_NUMBER: _ClassVar[int]
    post: _post_pb2.Post
    def __init__(self, post: _Optional[_Union[_post_pb2.Post, _Mapping]] = ...) -> None: ...

class ListPostsRequest(_message.Message):
    __slots__ = ("feed_id", "page_size", "page_token", "filter", "order_by")
    FEED_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    ORDER_BY_FIELD_NUMBER: _ClassVar[int]
    feed_id: str
    page_size: int
    page_token: str
    filter: str
    order_by: str
    def __init__(self, feed_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., filter: _Optional[str] = ..., order_by: _Optional[str] = ...) -> None: ...

class ListPostsResponse(_message.Message):
    __slots__ = ("posts", "next_page_token")
    POSTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    posts: _containers.RepeatedCompositeFieldContainer[_post_pb2.Post]
    next_page_token: str
    def __init__(self, posts: _Optional[_Iterable[_Union[_post_pb2.Post, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListMessagesRequest(_message.Message):
    __slots__ = ("channel_id", "feed_id", "page_size", "page_token", "filter", "order_by")
    CHANNEL_ID_FIELD_NUMBER: _ClassVar[int]
    FEED_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    ORDER_BY_FIELD_NUMBER: _ClassVar[int]
    channel_id: str
    feed_id: str
    page_size: int
    page_token: str
    filter: str
    order_by: str
    def __init__(self, channel_id: _Optional[str] = ..., feed_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., filter: _Optional[str] = ..., order_by: _Optional[str] = ...) -> None: ...

class ListMessagesResponse(_message.Message):
    __slots__ = ("messages", "next_page_token")
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    messages: _containers.RepeatedCompositeFieldContainer[_message_pb2.Message]
    next_page_token: str
    def __init__(self, messages: _Optional[_Iterable[_Union[_message_pb2.Message, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
