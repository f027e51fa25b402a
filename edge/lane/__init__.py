"""PURE. A lane's rules: who stands there, may it pass, what is recorded."""
