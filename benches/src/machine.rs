//! The facts that absolute times depend on.

use std::process::Command;

/// Prints processor, cores, SHA extensions, compiler and allocator.
pub fn print() {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    println!("processor: {}, {cores} cores", processor());
    println!("SHA instructions: {}", if has_sha() { "yes" } else { "no" });
    println!("compiler: {}", rustc());
}

/// Returns the processor's name on Linux, and the architecture elsewhere.
fn processor() -> String {
    let named = std::fs::read_to_string("/proc/cpuinfo")
        .ok()
        .and_then(|text| {
            let line = text.lines().find(|line| line.starts_with("model name"))?;
            Some(line.split_once(':')?.1.trim().to_owned())
        });
    named.unwrap_or_else(|| std::env::consts::ARCH.into())
}

#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
fn has_sha() -> bool {
    std::arch::is_x86_feature_detected!("sha")
}

#[cfg(target_arch = "aarch64")]
fn has_sha() -> bool {
    std::arch::is_aarch64_feature_detected!("sha2")
}

#[cfg(not(any(target_arch = "x86", target_arch = "x86_64", target_arch = "aarch64")))]
fn has_sha() -> bool {
    false
}

/// Returns the compiler that cargo would use here now.
fn rustc() -> String {
    let output = Command::new("rustc").arg("--version").output();
    output.map_or_else(
        |_| "not found".into(),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}
