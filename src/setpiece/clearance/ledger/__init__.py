"""The log of what was decided: an RFC 9162 Merkle tree in the same database and transaction as the decisions."""
