"""Room 5: the engine contract and the engines that turn plate and passes into pixels."""
