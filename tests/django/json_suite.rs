//! The JSON parsing suite of Nicolas Seriot against CPython: we read the same files as the same values, except for the files
//! that are listed here.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::ask::ask_django;
use crate::suite::{File, files, read};

/// CPython reads these with `json.loads` and we refuse them: more levels than `limits::MAX_DEPTH` (a stack overflow would
/// abort the program), and a surrogate in UTF-8 (Python's `surrogatepass`; a Rust string cannot hold it).
const ONLY_CPYTHON: &str = "
i_string_UTF8_surrogate_U+D800
i_structure_500_nested_arrays
";

/// Django decodes bytes as latin-1 before it calls `json.loads`, and we decode UTF-8. Django writes neither: its text is
/// ASCII. So these have other text for us than for Django.
const OTHER_TEXT: &str = "
y_string_nonCharacterInUTF-8_U+10FFFF
y_string_nonCharacterInUTF-8_U+FFFF
y_string_pi
y_string_reservedCharacterInUTF-8_U+1BFFF
y_string_u+2028_line_sep
y_string_u+2029_par_sep
y_string_unicode_2
y_string_utf8
";

/// Django reads these and we refuse them: bytes that are not UTF-8, and more levels than `limits::MAX_DEPTH`.
const ONLY_DJANGO: &str = "
i_string_UTF-8_invalid_sequence
i_string_UTF8_surrogate_U+D800
i_string_invalid_utf-8
i_string_iso_latin_1
i_string_lone_utf8_continuation_byte
i_string_not_in_unicode_range
i_string_overlong_sequence_2_bytes
i_string_overlong_sequence_6_bytes
i_string_overlong_sequence_6_bytes_null
i_string_truncated-utf-8
i_structure_500_nested_arrays
";

/// The same values with another spelling, because an untouched value keeps its own: floats (Python writes 1E22 as 1e+22,
/// and a number that overflows as Infinity), the integer -0 (Python writes 0), and duplicate keys inside a value (Python
/// keeps the last).
const OTHER_SPELLING: &str = "
i_number_double_huge_neg_exp
i_number_huge_exp
i_number_neg_int_huge_exp
i_number_pos_double_huge_exp
i_number_real_neg_overflow
i_number_real_pos_overflow
i_number_real_underflow
y_number
y_number_0e+1
y_number_0e1
y_number_double_close_to_zero
y_number_int_with_exp
y_number_minus_zero
y_number_negative_zero
y_number_real_capital_e
y_number_real_capital_e_neg_exp
y_number_real_capital_e_pos_exp
y_number_real_exponent
y_number_real_fraction_exponent
y_number_real_neg_exp
y_number_real_pos_exponent
y_object_duplicated_key
y_object_duplicated_key_and_value
y_object_extreme_numbers
";

/// The values that `json.loads` and Django's serializer read, as Python writes them; `None` if they raise an exception.
type Answer = (Option<String>, Option<String>);

fn ask(texts: &[Vec<u8>]) -> Vec<Answer> {
    let questions = texts.iter().map(|text| STANDARD.encode(text));
    ask_django("json_suite.py", &[], questions)
}

#[test]
#[ignore = "needs Python and Django 5.2.19; run: cargo test --test django_live -- --ignored --nocapture"]
fn the_json_suite_is_read_as_cpython_reads_it() {
    let files = files();
    let texts: Vec<Vec<u8>> = files.iter().map(File::member).collect();
    let ours: Vec<Option<String>> = texts
        .iter()
        .map(|text| read(text).ok().map(|session| session.to_json()))
        .collect();
    // The values are compared as Python writes them. A file that we refuse becomes the empty text, which Python refuses.
    let again = |ours: &Option<String>| ours.clone().unwrap_or_default().into_bytes();
    let values = ask(&ours.iter().map(again).collect::<Vec<_>>());

    let mut found = [const { BTreeSet::new() }; 5];
    let [only_cpython, other_text, only_django, other_spelling, wrong] = &mut found;
    for (((file, ours), (value, _)), (cpython, django)) in
        files.iter().zip(&ours).zip(&values).zip(&ask(&texts))
    {
        let name = file.name.as_str();
        match (value, cpython) {
            (None, Some(_)) => only_cpython.insert(name),
            (value, cpython) if value != cpython => wrong.insert(name),
            _ if ours != value => other_spelling.insert(name),
            _ => false,
        };
        match (value, django) {
            (None, Some(_)) => only_django.insert(name),
            (Some(value), Some(django)) if value != django => other_text.insert(name),
            (Some(_), None) => wrong.insert(name),
            _ => false,
        };
    }
    let listed = [ONLY_CPYTHON, OTHER_TEXT, ONLY_DJANGO, OTHER_SPELLING, ""];
    let listed = listed.map(|names| names.split_whitespace().collect::<BTreeSet<_>>());
    assert_eq!(found, listed);
}
