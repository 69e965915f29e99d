//! Texts for the compressor.

/// A generator of numbers that is the same everywhere (xorshift).
pub struct Numbers(pub u64);

impl Numbers {
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }

    pub fn bytes(&mut self, length: usize, symbols: u64) -> Vec<u8> {
        (0..length)
            .map(|_| u8::try_from(self.below(symbols)).expect("at most 256"))
            .collect()
    }

    /// Text as in a session: keys that repeat, words, numbers, and tokens that do not repeat.
    pub fn json(&mut self, length: usize) -> Vec<u8> {
        const WORDS: [&str; 8] = [
            "cotton", "\\u6771", "blue", "ribbon", "leather", "note", "señor", "winter",
        ];
        let mut text = String::from("{\"cart\":[");
        while text.len() < length {
            let word = WORDS[usize::try_from(self.below(8)).expect("small")];
            let (sku, price) = (self.below(100_000), self.below(30_000));
            let token = match price % 4 {
                0 => format!(",\"token\":\"{:016x}\"", self.below(u64::MAX)),
                _ => String::new(),
            };
            text = format!(
                "{text}{{\"sku\":\"AK-{sku:05}\",\"name\":\"{word} {word}\",\"price\":{}.{}{token}}},",
                price / 100,
                price % 100
            );
        }
        text.into_bytes()[..length].to_vec()
    }
}

/// Returns bytes of five kinds.
pub fn kinds(length: usize) -> [(&'static str, Vec<u8>); 5] {
    let mut numbers = Numbers(0x2545_f491_4f6c_dd1d);
    let cycle = (0..=255).cycle().take(length).collect();
    [
        ("json", numbers.json(length)),
        ("random", numbers.bytes(length, 256)),
        ("one byte", vec![b'a'; length]),
        ("all bytes", cycle),
        ("four letters", numbers.bytes(length, 4)),
    ]
}
