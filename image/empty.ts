// What an empty executable holds.
