//! Letters as somebody types them who has no key for them.

/// Lower-case ASCII letters, digits and single spaces: `São Paulo/Guarulhos` becomes `sao paulo guarulhos`.
/// Letters of other scripts are dropped.
pub(super) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.chars().flat_map(char::to_lowercase) {
        match letter {
            'a'..='z' | '0'..='9' => folded.push(letter),
            '\'' | '’' | '.' => {} // "John F. Kennedy", "Chicago O'Hare": people leave them out
            _ => match latin(letter) {
                Some(plain) => folded.push_str(plain),
                None if letter.is_alphanumeric() || ('\u{300}'..='\u{36f}').contains(&letter) => {}
                None if folded.ends_with(' ') || folded.is_empty() => {}
                None => folded.push(' '),
            },
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

/// The plain letters of an accented or ligatured Latin letter.
fn latin(letter: char) -> Option<&'static str> {
    Some(match letter {
        'à'..='å' | 'ā' | 'ă' | 'ą' | 'ǎ' | 'ạ' | 'ả' | 'ấ'..='ặ' => "a",
        'æ' => "ae",
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
        'ð' | 'ď' | 'đ' => "d",
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' | 'ẹ'..='ệ' => "e",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
        'ĥ' | 'ħ' => "h",
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' | 'ỉ' | 'ị' => "i",
        'ķ' => "k",
        'ĺ' | 'ļ' | 'ľ' | 'ł' => "l",
        'ñ' | 'ń' | 'ņ' | 'ň' => "n",
        'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' | 'ơ' | 'ọ'..='ợ' => "o",
        'œ' => "oe",
        'ŕ' | 'ŗ' | 'ř' => "r",
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => "s",
        'ß' => "ss",
        'ţ' | 'ť' | 'ŧ' | 'ț' => "t",
        'þ' => "th",
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' | 'ư' | 'ụ'..='ự' => "u",
        'ŵ' => "w",
        'ý' | 'ÿ' | 'ŷ' | 'ỳ'..='ỹ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn letters_fold_to_what_a_plain_keyboard_has() {
        for (text, folded) in [
            ("Zürich", "zurich"),
            ("KØBENHAVN", "kobenhavn"),
            ("Łódź", "lodz"),
            ("Straße", "strasse"),
            ("São Paulo/Guarulhos", "sao paulo guarulhos"),
            ("Chicago O'Hare", "chicago ohare"),
            ("John F. Kennedy", "john f kennedy"),
            ("  Đà   Nẵng ", "da nang"),
            ("İstanbul", "istanbul"),
            ("東京", ""),
        ] {
            assert_eq!(fold(text), folded);
        }
    }
}
