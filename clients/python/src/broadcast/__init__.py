"""The contract of broadcastd, generated from protos/broadcast."""
