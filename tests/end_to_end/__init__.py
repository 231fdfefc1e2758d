"""The desktop as a person uses it: a real screen, a real engine, a real model, a mouse and a keyboard."""
