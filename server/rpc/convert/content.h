// Content and labels between messages and what is stored. Pure; any thread.
#ifndef BROADCASTD_RPC_CONVERT_CONTENT_H_
#define BROADCASTD_RPC_CONVERT_CONTENT_H_

#include <google/protobuf/map.h>

#include <string>

#include "absl/strings/string_view.h"
#include "broadcast/v1/content.pb.h"
#include "content/content.h"
#include "content/violations.h"
#include "storage/records.h"

namespace broadcast::rpc {

using ProtoLabels = google::protobuf::Map<std::string, std::string>;

// Validated, as it is stored; violations of the fields under `field`.
storage::StoredContent StoredContentFromProto(const v1::Content& proto,
                                              absl::string_view field,
                                              Violations& violations);
void StoredContentToProto(const storage::StoredContent& content,
                          v1::Content& proto);
void ContentToProto(const Content& content, v1::Content& proto);

std::string LabelsFromProto(const ProtoLabels& labels, absl::string_view field,
                            Violations& violations);
void LabelsToProto(const std::string& json, ProtoLabels& labels);

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_CONVERT_CONTENT_H_
