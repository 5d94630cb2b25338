//! Dependencies that are down, slow or wrong, and connections that die.
