// What changes nothing: the bot itself, chats, members, updates.
#include <algorithm>
#include <string>

#include "telegram/bot_methods.h"

namespace broadcast::telegram {
namespace {

constexpr int64_t kLongestPoll = 50;  // seconds

// What every administrator's rights name, wherever it is one.
Json Administrator(const Chat& chat, const Member& member) {
  Json json = {{"can_be_edited", false},
               {"is_anonymous", false},
               {"can_manage_chat", true},
               {"can_delete_messages", member.can_delete},
               {"can_manage_video_chats", false},
               {"can_restrict_members", false},
               {"can_promote_members", false},
               {"can_change_info", false},
               {"can_invite_users", true},
               {"can_post_stories", false},
               {"can_edit_stories", false},
               {"can_delete_stories", false},
               {"can_send_welcome_messages", false}};
  if (chat.IsChannel()) {
    json["can_post_messages"] = member.can_post;
    json["can_edit_messages"] = member.can_edit;
  } else {
    json["can_pin_messages"] = member.can_pin;
  }
  return json;
}

Json Restricted(const Member& member) {
  Json json = {{"is_member", true},
               {"until_date", 0},
               {"can_send_messages", member.can_send}};
  for (const char* right :
       {"can_send_audios", "can_send_documents", "can_send_photos",
        "can_send_videos", "can_send_video_notes", "can_send_voice_notes",
        "can_send_polls", "can_send_other_messages",
        "can_add_web_page_previews", "can_change_info", "can_invite_users",
        "can_pin_messages", "can_manage_topics", "can_edit_tag",
        "can_react_to_messages"}) {
    json[right] = false;
  }
  return json;
}

Json MemberJson(const Chat& chat, const Json& user, const Member& member) {
  Json json = {{"user", user}, {"status", member.status}};
  if (member.status == "administrator") {
    json.update(Administrator(chat, member));
  } else if (member.status == "creator") {
    json["is_anonymous"] = false;
  } else if (member.status == "kicked") {
    json["until_date"] = 0;
  } else if (member.status == "restricted") {
    json.update(Restricted(member));
  }
  return json;
}

}  // namespace

BotAnswer GetMe(const Platform&, BotCall& call) {
  Json me = BotJson(*call.bot);
  me["can_join_groups"] = true;
  me["can_read_all_group_messages"] = false;
  me["supports_inline_queries"] = false;
  me["can_connect_to_business"] = false;
  me["has_main_web_app"] = false;
  return Success(std::move(me));
}

BotAnswer GetChat(const Platform& platform, BotCall& call) {
  const FoundChat found = RequireChat(platform, call, "chat_id", Access::kRead);
  if (found.chat != nullptr) call.chat = found.chat->id;
  if (found.refusal) return *found.refusal;
  Json json = ChatJson(*found.chat);
  json["accent_color_id"] = 0;
  json["max_reaction_count"] = 11;
  json["accepted_gift_types"] = {{"unlimited_gifts", true},
                                 {"limited_gifts", true},
                                 {"unique_gifts", true},
                                 {"premium_subscription", true},
                                 {"gifts_from_channels", true}};
  if (!found.chat->username.empty()) {
    json["active_usernames"] = {found.chat->username};
  }
  if (found.chat->protected_content) json["has_protected_content"] = true;
  return Success(std::move(json));
}

BotAnswer GetChatMember(const Platform& platform, BotCall& call) {
  const FoundChat found = RequireChat(platform, call, "chat_id", Access::kRead);
  if (found.chat != nullptr) call.chat = found.chat->id;
  if (found.refusal) return *found.refusal;
  const int64_t id = call.params->Number("user_id");
  if (id <= 0) return BadRequest("invalid user_id specified");
  if (const Bot* bot = platform.chats.BotOf(id)) {
    return Success(
        MemberJson(*found.chat, BotJson(*bot), found.chat->MemberOf(*bot)));
  }
  const Json user = {{"id", id}, {"is_bot", false}, {"first_name", "User"}};
  const bool there = found.chat->IsPrivate() && found.chat->id == id;
  return Success(MemberJson(*found.chat, user,
                            Member{.status = there ? "member" : "left"}));
}

BotAnswer GetChatMemberCount(const Platform& platform, BotCall& call) {
  const FoundChat found = RequireChat(platform, call, "chat_id", Access::kRead);
  if (found.chat != nullptr) call.chat = found.chat->id;
  if (found.refusal) return *found.refusal;
  const auto members =
      std::count_if(found.chat->members.begin(), found.chat->members.end(),
                    [](const auto& member) { return member.second.IsIn(); });
  return Success(std::max<int64_t>(2, members + 1));
}

BotAnswer GetUpdates(const Platform&, BotCall& call) {
  call.wait_seconds =
      std::clamp<int64_t>(call.params->Number("timeout"), 0, kLongestPoll);
  return Success(Json::array());
}

BotAnswer GetWebhookInfo(const Platform&, BotCall&) {
  return Success({{"url", ""},
                  {"has_custom_certificate", false},
                  {"pending_update_count", 0}});
}

BotAnswer AnswerTrue(const Platform&, BotCall&) { return Success(true); }

}  // namespace broadcast::telegram
