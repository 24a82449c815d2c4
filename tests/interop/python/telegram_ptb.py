"""Does on a Telegram what it is told, with python-telegram-bot.

See ../README.md.
"""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import timedelta
from typing import Any

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import ChatMigrated, RetryAfter, TelegramError


def error_of(error: TelegramError) -> dict[str, Any]:
    told: dict[str, Any] = {
        "error": type(error).__name__,
        "description": error.message,
    }
    if isinstance(error, RetryAfter):
        after = error.retry_after
        told["retry_after"] = (
            after.total_seconds() if isinstance(after, timedelta) else after
        )
    if isinstance(error, ChatMigrated):
        told["migrate_to"] = error.new_chat_id
    return told


async def run(bot: Bot, step: dict[str, Any]) -> Any:
    chat, message = step.get("chat", 0), step.get("message", 0)
    match step["do"]:
        case "me":
            return await bot.get_me()
        case "chat":
            return await bot.get_chat(chat)
        case "member":
            return await bot.get_chat_member(chat, step["user"])
        case "send":
            markup = None
            if "buttons" in step:
                markup = InlineKeyboardMarkup(
                    [
                        [InlineKeyboardButton(**button) for button in row]
                        for row in step["buttons"]
                    ]
                )
            return await bot.send_message(
                chat,
                step["text"],
                parse_mode=step.get("parse_mode"),
                reply_markup=markup,
            )
        case "edit":
            return await bot.edit_message_text(
                step["text"], chat_id=chat, message_id=message
            )
        case "delete":
            return await bot.delete_message(chat, message)
        case "delete_many":
            return await bot.delete_messages(chat, step["messages"])
        case "copy":
            return await bot.copy_message(chat, step["from"], message)
        case "copy_many":
            return await bot.copy_messages(chat, step["from"], step["messages"])
        case "pin":
            return await bot.pin_chat_message(chat, message)
    raise ValueError(step["do"])


def plain(result: Any) -> Any:
    if isinstance(result, list | tuple):
        return [plain(each) for each in result]
    return result.to_dict() if hasattr(result, "to_dict") else result


async def main() -> None:
    order = json.load(sys.stdin)
    done = []
    async with Bot(order["token"], base_url=order["url"] + "/bot") as bot:
        for step in order["steps"]:
            try:
                done.append({"result": plain(await run(bot, step))})
            except TelegramError as error:
                done.append(error_of(error))
    json.dump(done, sys.stdout)


# It asks who it is before anything else; a wrong token shows there.
try:
    asyncio.run(main())
except TelegramError as error:
    json.dump([error_of(error)], sys.stdout)
