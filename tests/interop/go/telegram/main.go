// Does on a Telegram what it is told, with go-telegram; see ../../README.md.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"log"
	"os"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
)

type step struct {
	Do        string                          `json:"do"`
	Chat      any                             `json:"chat"`
	From      any                             `json:"from"`
	User      int64                           `json:"user"`
	Message   int                             `json:"message"`
	Messages  []int                           `json:"messages"`
	Text      string                          `json:"text"`
	ParseMode models.ParseMode                `json:"parse_mode"`
	Buttons   [][]models.InlineKeyboardButton `json:"buttons"`
}

type order struct {
	URL   string `json:"url"`
	Token string `json:"token"`
	Steps []step `json:"steps"`
}

type outcome struct {
	Result      any    `json:"result,omitempty"`
	Error       string `json:"error,omitempty"`
	Description string `json:"description,omitempty"`
	RetryAfter  int    `json:"retry_after,omitempty"`
	MigrateTo   int    `json:"migrate_to,omitempty"`
}

func run(ctx context.Context, b *bot.Bot, s step) (any, error) {
	switch s.Do {
	case "me":
		return b.GetMe(ctx)
	case "chat":
		return b.GetChat(ctx, &bot.GetChatParams{ChatID: s.Chat})
	case "member":
		return b.GetChatMember(ctx,
			&bot.GetChatMemberParams{ChatID: s.Chat, UserID: s.User})
	case "send":
		params := bot.SendMessageParams{
			ChatID: s.Chat, Text: s.Text, ParseMode: s.ParseMode}
		if s.Buttons != nil {
			params.ReplyMarkup =
				models.InlineKeyboardMarkup{InlineKeyboard: s.Buttons}
		}
		return b.SendMessage(ctx, &params)
	case "edit":
		return b.EditMessageText(ctx, &bot.EditMessageTextParams{
			ChatID: s.Chat, MessageID: s.Message, Text: s.Text})
	case "delete":
		return b.DeleteMessage(ctx, &bot.DeleteMessageParams{
			ChatID: s.Chat, MessageID: s.Message})
	case "delete_many":
		return b.DeleteMessages(ctx, &bot.DeleteMessagesParams{
			ChatID: s.Chat, MessageIDs: s.Messages})
	case "copy":
		return b.CopyMessage(ctx, &bot.CopyMessageParams{
			ChatID: s.Chat, FromChatID: s.From, MessageID: s.Message})
	case "copy_many":
		return b.CopyMessages(ctx, &bot.CopyMessagesParams{
			ChatID: s.Chat, FromChatID: s.From, MessageIDs: s.Messages})
	case "pin":
		return b.PinChatMessage(ctx, &bot.PinChatMessageParams{
			ChatID: s.Chat, MessageID: s.Message})
	}
	return nil, errors.New("no such step")
}

func outcomeOf(result any, err error) outcome {
	if err == nil {
		return outcome{Result: result}
	}
	out := outcome{Error: "error", Description: err.Error()}
	var flood *bot.TooManyRequestsError
	var migrate *bot.MigrateError
	switch {
	case errors.As(err, &flood):
		out.Error, out.RetryAfter = "TooManyRequestsError", flood.RetryAfter
	case errors.As(err, &migrate):
		out.Error, out.MigrateTo = "MigrateError", migrate.MigrateToChatID
	case errors.Is(err, bot.ErrorForbidden):
		out.Error = "ErrorForbidden"
	case errors.Is(err, bot.ErrorBadRequest):
		out.Error = "ErrorBadRequest"
	case errors.Is(err, bot.ErrorUnauthorized):
		out.Error = "ErrorUnauthorized"
	case errors.Is(err, bot.ErrorNotFound):
		out.Error = "ErrorNotFound"
	}
	return out
}

func main() {
	var given order
	if err := json.NewDecoder(os.Stdin).Decode(&given); err != nil {
		log.Fatal(err)
	}
	b, err := bot.New(given.Token,
		bot.WithServerURL(given.URL), bot.WithSkipGetMe())
	if err != nil {
		log.Fatal(err)
	}
	done := []outcome{}
	for _, s := range given.Steps {
		done = append(done, outcomeOf(run(context.Background(), b, s)))
	}
	if err := json.NewEncoder(os.Stdout).Encode(done); err != nil {
		log.Fatal(err)
	}
}
