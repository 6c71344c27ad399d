"""The tracker: records, the reader and writer protocols, the marker, and GitHub behind them."""
