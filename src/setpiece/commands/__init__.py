"""The commands of ``setpiece``, one module for each chapter of the flow. They ask, tell and call; they decide nothing."""
