"""The floor in a browser: pages, the API behind them, and what keeps both within a reader's markings."""
