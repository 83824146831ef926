"""Many organizations in one go: the list, one round each, the rows that are kept, the page of all."""
