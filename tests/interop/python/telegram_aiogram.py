"""Does on a Telegram what it is told, with aiogram; see ../README.md."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    AiogramError,
    TelegramAPIError,
    TelegramMigrateToChat,
    TelegramRetryAfter,
)
from aiogram.types import InlineKeyboardMarkup


def error_of(error: AiogramError) -> dict[str, Any]:
    told: dict[str, Any] = {"error": type(error).__name__}
    if isinstance(error, TelegramAPIError):
        told["description"] = error.message
    if isinstance(error, TelegramRetryAfter):
        told["retry_after"] = error.retry_after
    if isinstance(error, TelegramMigrateToChat):
        told["migrate_to"] = error.migrate_to_chat_id
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
                markup = InlineKeyboardMarkup(inline_keyboard=step["buttons"])
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
    if isinstance(result, list):
        return [plain(each) for each in result]
    if hasattr(result, "model_dump_json"):
        return json.loads(result.model_dump_json(exclude_none=True))
    return result


async def main() -> None:
    order = json.load(sys.stdin)
    session = AiohttpSession(api=TelegramAPIServer.from_base(order["url"]))
    done = []
    async with Bot(order["token"], session=session) as bot:
        for step in order["steps"]:
            try:
                done.append({"result": plain(await run(bot, step))})
            except AiogramError as error:
                done.append(error_of(error))
    json.dump(done, sys.stdout)


asyncio.run(main())
