#include "telegram/journal_stats.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "telegram/moving_clock.h"

namespace broadcast::telegram {
namespace {

constexpr size_t kMostTold = 20;

}  // namespace

Json JsonOf(const JournalEntry& entry) {
  Json json = {
      {"number", entry.number},
      {"t_recv", entry.received},
      {"t_accept", entry.accepted},
      {"t_done", entry.done},
      {"held", entry.held},
      {"bot", entry.bot},
      {"chat", entry.chat},
      {"method", entry.method},
      {"message_id", entry.message_ids.empty() ? 0 : entry.message_ids.front()},
      {"marker", entry.marker},
      {"effect", entry.accepted != 0},
      {"outcome", entry.outcome},
      {"code", entry.code}};
  if (entry.message_ids.size() > 1) json["message_ids"] = entry.message_ids;
  if (!entry.description.empty()) json["description"] = entry.description;
  if (entry.retry_after != 0) json["retry_after"] = entry.retry_after;
  if (!entry.fault.empty()) json["fault"] = entry.fault;
  if (entry.violation) json["violation"] = true;
  return json;
}

void JournalStats::Window::Add(int64_t time, int64_t width) {
  while (!times_.empty() && times_.front() <= time - width) times_.pop_front();
  times_.push_back(time);
  most_ = std::max(most_, static_cast<int64_t>(times_.size()));
}

void JournalStats::Add(const JournalEntry& entry) {
  ++requests_;
  if (first_ == 0) first_ = entry.received;
  last_ = std::max(last_, entry.done);
  ++outcomes_[entry.outcome];
  ++methods_[entry.method];
  if (entry.code != 0) ++codes_[entry.code];
  if (!entry.fault.empty()) ++faults_[entry.fault];
  if (entry.violation) ++violations_;
  if (entry.accepted != 0) CountEffect(entry);
}

void JournalStats::CountEffect(const JournalEntry& entry) {
  if (entry.outcome != "ok") ++unanswered_;
  if (!entry.posts) return;
  effective_ += entry.items;
  const std::pair chat(entry.bot, entry.chat);
  for (int i = 0; i < entry.items; ++i) {
    seconds_of_bots_[entry.bot].Add(entry.accepted, kMicrosPerSecond);
    seconds_of_chats_[chat].Add(entry.accepted, kMicrosPerSecond);
    if (entry.shared_chat) {
      minutes_of_groups_[chat].Add(entry.accepted, 60 * kMicrosPerSecond);
    }
  }
  if (!entry.creates) return;
  created_ += entry.items;
  if (++markers_[{entry.chat, entry.marker}] > 1) ++duplicates_;
}

Json JournalStats::Duplicates() const {
  Json told = Json::array();
  for (const auto& [key, count] : markers_) {
    if (told.size() == kMostTold) break;
    if (count < 2) continue;
    told.push_back(
        {{"chat", key.first}, {"marker", key.second}, {"count", count}});
  }
  return told;
}

Json JournalStats::ToJson() const {
  Json bots = Json::object();
  int64_t second_of_bot = 0;
  for (const auto& [bot, window] : seconds_of_bots_) {
    bots[absl::StrCat(bot)] = window.most();
    second_of_bot = std::max(second_of_bot, window.most());
  }
  int64_t minute_of_group = 0;
  for (const auto& [chat, window] : minutes_of_groups_) {
    minute_of_group = std::max(minute_of_group, window.most());
  }
  int64_t second_of_chat = 0;
  for (const auto& [chat, window] : seconds_of_chats_) {
    second_of_chat = std::max(second_of_chat, window.most());
  }
  Json codes = Json::object();
  for (const auto& [code, count] : codes_) codes[absl::StrCat(code)] = count;
  return {{"requests", requests_},
          {"effective", effective_},
          {"created", created_},
          {"effective_but_not_told", unanswered_},
          {"violations", violations_},
          {"first_received", first_},
          {"last_done", last_},
          {"outcomes", outcomes_},
          {"methods", methods_},
          {"codes", codes},
          {"faults", faults_},
          {"distinct_markers", markers_.size()},
          {"duplicates", duplicates_},
          {"duplicate_markers", Duplicates()},
          {"max_per_second_of_bot", second_of_bot},
          {"max_per_second_by_bot", bots},
          {"max_per_second_of_chat", second_of_chat},
          {"max_per_minute_of_group", minute_of_group}};
}

}  // namespace broadcast::telegram
