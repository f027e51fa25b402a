"""The shell round the lanes' rules: one inbox, commit, then perform; what people may ask."""
