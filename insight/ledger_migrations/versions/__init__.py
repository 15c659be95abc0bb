"""One file per step, each naming the one before. A step that was released is never changed."""
