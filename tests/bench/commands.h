// The commands of broadcastd_bench. Each reads its flags, does its work, prints
// one JSON object (or the text that it is asked for) and returns the exit
// status; what cannot go on calls Die.
#ifndef BROADCASTD_BENCH_COMMANDS_H_
#define BROADCASTD_BENCH_COMMANDS_H_

#include "flags.h"

namespace broadcast::bench {

int Load(Flags& flags);           // calls a server and times the answers
int EmptyServer(Flags& flags);    // answers GetEntry with nothing, or a file
int SqliteFloor(Flags& flags);    // the rows of CreateEntry by raw sqlite3
int PostgresFloor(Flags& flags);  // the same as a script for pgbench
int DeliveryFloor(Flags& flags);  // intents and outcomes by raw sqlite3
int HttpFloor(Flags& flags);      // POSTs by the server's HTTP client alone
int RunSink(Flags& flags);        // takes deliveries, until SIGTERM
int SeedDatabase(Flags& flags);   // fills a migrated database
int PlanFloor(Flags& flags);      // the two ordered reads of a plan
int ImportFloor(Flags& flags);    // the rows of ImportPosts by raw sqlite3
int SyncPlan(Flags& flags);       // asks a server for a plan
int Import(Flags& flags);         // streams posts to a server
int ListWalk(Flags& flags);       // tokens of the middle and of the last page
int ListPages(Flags& flags);      // times first, middle and last page
int Startup(Flags& flags);        // from spawn to SERVING
int Wait(Flags& flags);           // until SERVING
int Disk(Flags& flags);           // what a synced write costs here

}  // namespace broadcast::bench

#endif  // BROADCASTD_BENCH_COMMANDS_H_
