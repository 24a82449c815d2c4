// What a post says, made up: the same for the calls and for the raw loop beside
// them. One thread each.
#ifndef BROADCASTD_BENCH_NEW_POSTS_H_
#define BROADCASTD_BENCH_NEW_POSTS_H_

#include <cstdint>
#include <string>

#include "new_entries.h"

namespace broadcast::bench {

struct NewPost {
  std::string external_id;
  std::string text;  // of some 120 characters, no two alike
};

class NewPosts {
 public:
  NewPost Next() {
    const std::string name = ids_.Hash().substr(0, 16);
    return {.external_id = "post-" + name,
            .text = "Post " + name +
                    " is open: two rooms near the park, on the third floor, "
                    "quiet, with a balcony to the south. Call us."};
  }

 private:
  NewEntries ids_{1};
};

}  // namespace broadcast::bench

#endif  // BROADCASTD_BENCH_NEW_POSTS_H_
