// Does on a Telegram what it is told, with telegraf; see ../README.md.
//
// usage: telegram_telegraf.mjs FOLDER    where node_modules is

import {readFileSync} from "node:fs";
import {createRequire} from "node:module";
import {resolve} from "node:path";

const require = createRequire(`${resolve(process.argv[2])}/`);
const {Telegram, TelegramError} = require("telegraf");

const order = JSON.parse(readFileSync(0, "utf8"));
const api = new Telegram(order.token, {apiRoot: order.url});

const steps = {
  me: () => api.getMe(),
  chat: (s) => api.getChat(s.chat),
  member: (s) => api.getChatMember(s.chat, s.user),
  send: (s) =>
    api.sendMessage(s.chat, s.text, {
      parse_mode: s.parse_mode,
      reply_markup: s.buttons && {inline_keyboard: s.buttons},
    }),
  edit: (s) => api.editMessageText(s.chat, s.message, undefined, s.text),
  delete: (s) => api.deleteMessage(s.chat, s.message),
  delete_many: (s) => api.deleteMessages(s.chat, s.messages),
  copy: (s) => api.copyMessage(s.chat, s.from, s.message),
  copy_many: (s) => api.copyMessages(s.chat, s.from, s.messages),
  pin: (s) => api.pinChatMessage(s.chat, s.message),
};

const errorOf = (error) => {
  if (error instanceof TelegramError) {
    return {
      error: "TelegramError",
      code: error.code,
      description: error.description,
      retry_after: error.parameters?.retry_after,
      migrate_to: error.parameters?.migrate_to_chat_id,
    };
  }
  return {error: error.constructor.name};
};

const done = [];
for (const step of order.steps) {
  try {
    done.push({result: await steps[step.do](step)});
  } catch (error) {
    done.push(errorOf(error));
  }
}
process.stdout.write(JSON.stringify(done));
process.exit(0); // its agent keeps connections
