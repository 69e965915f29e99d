//! Django's sessions on a server, for [`hardtack`].
