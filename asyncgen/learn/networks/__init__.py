"""The networks that are trained: encoders, decoders, what they are made of."""
