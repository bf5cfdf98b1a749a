//! What holds of any household and any changes.
