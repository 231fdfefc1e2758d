"""Keeps the block server process as the owner wants it: started, drained, ended, restarted after a crash."""
