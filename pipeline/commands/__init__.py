"""The commands of `medley`, a file each, and what they share."""
