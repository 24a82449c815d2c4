// A value, or what is wrong with the text that it was read from. The problem
// is the description of a field violation. Values; any thread.
#ifndef BROADCASTD_CONTENT_CHECKED_H_
#define BROADCASTD_CONTENT_CHECKED_H_

#include <string>

namespace broadcast {

template <typename T>
struct Checked {
  T value = {};
  std::string problem;  // empty if the value is good

  bool ok() const { return problem.empty(); }
};

}  // namespace broadcast

#endif  // BROADCASTD_CONTENT_CHECKED_H_
