"""Version 1 of the contract. Programs use it through broadcastd.messages."""
