//! A collection of hostile files, where it is at hand: the running service takes each as its list says, and stays well.
