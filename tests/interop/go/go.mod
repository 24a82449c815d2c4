module github.com/broadcastd/broadcastd/tests/interop/go

go 1.24

require github.com/golang-jwt/jwt/v5 v5.3.1

require github.com/go-telegram/bot v1.19.0
