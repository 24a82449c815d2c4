"""An example of a user of broadcastd: people register channel pairs."""
