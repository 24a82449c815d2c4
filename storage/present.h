// The condition on a message, as the partial indexes over messages have it: it
// is at its place, or may be, or is about to be. See IsPresent. SQLite takes
// such an index where these very words stand. An IN would say it shorter, but
// of more than two words SQLite makes a table for each row that it checks.
#ifndef BROADCASTD_STORAGE_PRESENT_H_
#define BROADCASTD_STORAGE_PRESENT_H_

// `m`: "" or the name of the table's alias with its dot.
#define BROADCASTD_PRESENT(m)                            \
  "(" m "state = 'live' OR " m "state = 'pending' OR " m \
  "state = 'unknown' OR " m "state = 'undeletable')"

#endif  // BROADCASTD_STORAGE_PRESENT_H_
