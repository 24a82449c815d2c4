// A Telegram that others wrote, to be delivered to; see ../README.md.
//
// usage: foreign_telegram.mjs FOLDER [PORT]    FOLDER: where node_modules is

import {randomInt} from "node:crypto";
import {createRequire} from "node:module";
import {resolve} from "node:path";

const require = createRequire(`${resolve(process.argv[2])}/`);
const TelegramServer = require("telegram-test-api");

// It takes 0 for its default, so a free port is looked for, where no outgoing
// connection gets one.
const wanted = Number(process.argv[3] ?? 0);
for (;;) {
  const port = wanted || randomInt(20_000, 32_000);
  try {
    await new TelegramServer({host: "127.0.0.1", port}).start();
    console.log(`listening on ${port}`);
    break;
  } catch (error) {
    if (wanted || error.code !== "EADDRINUSE") throw error;
  }
}
