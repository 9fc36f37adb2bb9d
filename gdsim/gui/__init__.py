"""The window: widgets that paint the state and send messages. Qt is imported here alone."""
