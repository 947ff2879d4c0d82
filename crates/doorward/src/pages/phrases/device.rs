//! What a session runs on.

use super::phrases;

phrases! {
    /// A browser on a system such as Linux.
    device_under(browser, system): "{browser} on {system}", "{browser} unter {system}";
    /// A browser on a machine such as an iPhone.
    device_on(browser, machine): "{browser} on {machine}", "{browser} auf dem {machine}";
    /// Some browser on a system.
    device_some_under(system): "A browser on {system}", "Ein Browser unter {system}";
    /// Some browser on a machine.
    device_some_on(machine): "A browser on {machine}", "Ein Browser auf dem {machine}";
    /// Anything else.
    device_unknown: "Unknown device", "Unbekanntes Gerät";
}
