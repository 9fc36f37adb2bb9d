"""The application without a window: a frozen state, messages that change it, effects that threads carry out."""
