//! The store of Django's engine `file`: names, texts and permissions; the end of a session; files that are refused and
//! left alone.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use hardtack::{
    Clear, Compression, Error as SessionError, Expiry, Found, KeyRing, Load, RecordCodec, Save,
    SecretKey, Session, SessionKey, SessionStore, StoreError, Timestamp,
};
use hardtack_stores::{ErrorKind, Files};

const NOW: i64 = 1_790_000_000;
const AGE: Duration = Duration::from_secs(1000);

/// Creates an empty folder for one test.
fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("files-{test}"));
    match fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => panic!("{error}"),
        _ => fs::create_dir(&folder).unwrap(),
    }
    folder
}

fn codec() -> RecordCodec {
    let key = SecretKey::new("an-example-of-50-characters-or-so-made-by-a-generator").unwrap();
    RecordCodec::new(KeyRing::new(key))
}

fn store(folder: &Path) -> Files {
    Files::new(folder, codec())
}

fn key(text: &str) -> SessionKey {
    SessionKey::parse(text).unwrap()
}

fn session() -> Session {
    Session::from_json(r#"{"user":"Zo\u00eb","cart":[1,2]}"#).unwrap()
}

fn save<'a>(key: &'a SessionKey, session: &'a Session) -> Save<'a> {
    Save {
        key,
        session,
        now: NOW.into(),
        expires_at: (NOW + 1000).into(),
    }
}

async fn load_at(
    store: &Files,
    key: &SessionKey,
    now: impl Into<Timestamp>,
) -> Result<Option<Found>, StoreError<hardtack_stores::Error>> {
    let load = Load {
        key,
        now: now.into(),
        default_age: AGE,
    };
    store.load(load).await
}

fn clear(now: i64, at_most: u32) -> Clear {
    Clear {
        now: now.into(),
        default_age: AGE,
        at_most,
    }
}

/// Writes a file as another process would, modified at `NOW`.
fn put(path: impl AsRef<Path>, text: impl AsRef<[u8]>) {
    fs::write(&path, text).unwrap();
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW.unsigned_abs());
    let file = File::options().write(true).open(path).unwrap();
    file.set_modified(now).unwrap();
}

fn names(folder: &Path) -> Vec<String> {
    let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name();
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| name(entry).into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_file_has_djangos_name_and_text_and_no_other_user_reads_it() {
    let folder = folder("name");
    let key = key("ygtsjuerts46q0htymhru3c3p2hqfhqt");
    assert!(store(&folder).create(save(&key, &session())).await.unwrap());
    assert_eq!(
        names(&folder),
        ["sessionidygtsjuerts46q0htymhru3c3p2hqfhqt"]
    );

    let path = folder.join("sessionidygtsjuerts46q0htymhru3c3p2hqfhqt");
    let text = "eyJ1c2VyIjoiWm9cdTAwZWIiLCJjYXJ0IjpbMSwyXX0:1x8elk:NfuPMOdzH_zJw4YXcIJ-YTp8mabPlV1uD8gSE7XIvxw";
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    let modified = fs::metadata(&path).unwrap().modified().unwrap();
    assert_eq!(Timestamp::from(modified), NOW.into());
    assert_owners_alone(&path);

    let found = load_at(&store(&folder), &key, NOW).await.unwrap().unwrap();
    assert_eq!(found.session, session());
    assert_eq!(found.expires_at, Some((NOW + 1000).into()));
    assert!(!found.session.modified());

    assert!(
        store(&folder)
            .update(save(&key, &Session::new()))
            .await
            .unwrap()
    );
    assert_eq!(names(&folder).len(), 1);
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        "e30:1x8elk:9aTBd0Sb_PeERy_HofbieFAsToFSRzhoejPMLKZkbHo"
    );
    assert_owners_alone(&path);
}

#[cfg(unix)]
fn assert_owners_alone(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[cfg(not(unix))]
fn assert_owners_alone(_: &Path) {}

#[tokio::test]
async fn a_prefix_is_the_cookies_name() {
    let folder = folder("prefix");
    let store = store(&folder).with_prefix("__Host-sid");
    assert!(
        store
            .create(save(&key("abcdefgh"), &session()))
            .await
            .unwrap()
    );
    assert_eq!(names(&folder), ["__Host-sidabcdefgh"]);
}

/// The name of one site's cookie begins with that of the other, and its key with the rest.
#[tokio::test]
async fn two_sites_in_one_folder_need_a_salt_each() {
    let folder = folder("salts");
    let shop = store(&folder).with_prefix("sessionsite");
    let (of_shop, of_admin) = (key("abcdefgh"), key("siteabcdefgh"));
    assert!(shop.create(save(&of_shop, &session())).await.unwrap());
    let young = Clear {
        default_age: Duration::from_secs(1),
        ..clear(NOW + 10, 10)
    };

    let admin = Files::new(&folder, codec().with_salt("admin")).with_prefix("session");
    match load_at(&admin, &of_admin, NOW).await {
        Err(StoreError::Session(hardtack::Error::BadSignature)) => {}
        loaded => panic!("{loaded:?}"),
    }
    assert_eq!(admin.clear_expired(young).await.unwrap(), 0);
    assert!(load_at(&shop, &of_shop, NOW).await.unwrap().is_some());

    // As in Django, the prefix alone does not separate them.
    let admin = store(&folder).with_prefix("session");
    assert!(load_at(&admin, &of_admin, NOW).await.unwrap().is_some());
    assert_eq!(admin.clear_expired(young).await.unwrap(), 1);
}

#[tokio::test]
async fn a_taken_key_is_left_alone() {
    let folder = folder("taken");
    put(folder.join("sessionidabcdefgh"), "");
    assert!(
        !store(&folder)
            .create(save(&key("abcdefgh"), &session()))
            .await
            .unwrap()
    );
    assert_eq!(fs::read(folder.join("sessionidabcdefgh")).unwrap(), b"");
}

#[tokio::test]
async fn an_update_of_a_deleted_session_writes_nothing() {
    let folder = folder("gone");
    let (store, key) = (store(&folder), key("abcdefgh"));
    assert!(!store.update(save(&key, &session())).await.unwrap());
    assert!(!store.delete(&key).await.unwrap());
    assert!(load_at(&store, &key, NOW).await.unwrap().is_none());
    assert_eq!(names(&folder), [""; 0]);

    assert!(store.create(save(&key, &session())).await.unwrap());
    assert!(store.delete(&key).await.unwrap());
    assert!(!store.update(save(&key, &session())).await.unwrap());
    assert_eq!(names(&folder), [""; 0]);
}

/// Returns the whole seconds after `NOW` at which a session ends.
async fn end(folder: &Path, text: &str) -> i64 {
    put(folder.join("sessionidabcdefgh"), text);
    let (store, key) = (store(folder), key("abcdefgh"));
    let found = load_at(&store, &key, NOW - 100_000).await.unwrap().unwrap();
    let end = found.expires_at.unwrap().as_unix_seconds();
    // Django counts whole seconds.
    assert!(load_at(&store, &key, end - 1).await.unwrap().is_some());
    let late = Timestamp::from_unix_micros((end - 1) * 1_000_000 + 1);
    assert!(load_at(&store, &key, late).await.unwrap().is_none());
    end - NOW
}

#[tokio::test]
async fn a_session_ends_with_its_own_expiry_or_the_age() {
    let folder = folder("ends");
    let text = |expiry| {
        let mut session = session();
        session.set_expiry(expiry).unwrap();
        codec().encode(&session, 1).unwrap()
    };
    assert_eq!(end(&folder, "").await, 1000);
    assert_eq!(end(&folder, &text(Expiry::Default)).await, 1000);
    assert_eq!(end(&folder, &text(Expiry::WithBrowser)).await, 1000);
    assert_eq!(
        end(&folder, &text(Expiry::After(Duration::from_secs(300)))).await,
        300
    );
    assert_eq!(end(&folder, &text(Expiry::At((NOW + 77).into()))).await, 77);
    assert_eq!(
        end(&folder, &text(Expiry::At((NOW + 7777).into()))).await,
        7777
    );
    let negative = Session::from_json(r#"{"_session_expiry":-5}"#).unwrap();
    assert_eq!(
        end(&folder, &codec().encode(&negative, 1).unwrap()).await,
        -5
    );
}

#[tokio::test]
async fn an_unreadable_file_is_an_error_and_stays() {
    let folder = folder("unreadable");
    let store = store(&folder);
    let long = vec![b'a'; 8 * 1024 * 1024 + 1];
    for (text, error) in [
        (
            &b"e30:1x8elk:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"[..],
            "BadSignature",
        ),
        (b"{}", "NotSigned"),
        (b"\xff\xfe", "UnreadableRecord"),
        (&long, "UnreadableRecord"),
    ] {
        put(folder.join("sessionidabcdefgh"), text);
        match load_at(&store, &key("abcdefgh"), NOW).await {
            Err(StoreError::Session(refusal)) => assert_eq!(refusal.name(), error),
            loaded => panic!("{loaded:?} instead of {error}"),
        }
        assert_eq!(
            store
                .clear_expired(clear(NOW + 1_000_000, 10))
                .await
                .unwrap(),
            0
        );
        assert!(fs::read(folder.join("sessionidabcdefgh")).unwrap() == text);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_name_that_is_not_a_regular_file_does_not_block() {
    let folder = folder("irregular");
    let store = store(&folder);
    let pipe = folder.join("sessionidabcdefgh");
    let made = std::process::Command::new("mkfifo")
        .arg(&pipe)
        .status()
        .unwrap();
    assert!(made.success());
    fs::create_dir(folder.join("sessionidaaaaaaaa")).unwrap();
    for name in ["abcdefgh", "aaaaaaaa"] {
        let loaded = load_at(&store, &key(name), NOW).await;
        assert!(
            matches!(
                loaded,
                Err(StoreError::Session(SessionError::UnreadableRecord { .. }))
            ),
            "{loaded:?}"
        );
    }
    // Through a link, another user could choose which file is read.
    put(
        folder.join("elsewhere"),
        codec().encode(&session(), NOW).unwrap(),
    );
    std::os::unix::fs::symlink("elsewhere", folder.join("sessionidbbbbbbbb")).unwrap();
    match load_at(&store, &key("bbbbbbbb"), NOW).await {
        Err(StoreError::Store(error)) => assert_eq!(error.kind(), ErrorKind::FileSystem),
        loaded => panic!("{loaded:?}"),
    }
    assert_eq!(store.clear_expired(clear(NOW + 5000, 10)).await.unwrap(), 0);
    assert_eq!(names(&folder).len(), 4);
}

#[tokio::test]
async fn clearing_deletes_only_ended_sessions_and_remains_of_saves() {
    let folder = folder("clear");
    let store = store(&folder);
    let live = codec().encode(&session(), NOW).unwrap();
    let mut short = session();
    short
        .set_expiry(Expiry::After(Duration::from_secs(5)))
        .unwrap();
    let short = codec().encode(&short, NOW).unwrap();

    let stay = [
        "other",
        "sessionid",
        "sessionid.abcdefgh",
        "sessionidABCDEFGH",
        "sessionidabc",
        "sessionidabcdefgh_out_",
        "sessionidabcdefgh_out_abcdefg.",
        "sessionidlivelive",
    ];
    for name in stay {
        put(folder.join(name), &live);
    }
    let ended: Vec<String> = (10..17)
        .map(|number| format!("sessionidabcdef{number}"))
        .collect();
    for name in &ended {
        put(folder.join(name), &short);
    }
    for at_most in [0, 3, 3, 3, 3] {
        let left = names(&folder).len() - stay.len();
        let cleared = store
            .clear_expired(clear(NOW + 500, at_most))
            .await
            .unwrap();
        assert_eq!(cleared, at_most.min(left.try_into().unwrap()));
    }
    assert_eq!(names(&folder), stay.map(String::from));

    // The remains of an interrupted save, if they are older than the age.
    fs::remove_file(folder.join("sessionidlivelive")).unwrap();
    put(folder.join("sessionidabcdefgh_out_x_1yabcd"), "e30:");
    put(folder.join("sessionidemptyempty"), "");
    for (at, cleared) in [(NOW + 999, 0), (NOW + 1000, 1), (NOW + 1001, 1)] {
        assert_eq!(store.clear_expired(clear(at, 10)).await.unwrap(), cleared);
    }
    assert_eq!(names(&folder), stay[..stay.len() - 1]);
}

#[tokio::test]
async fn a_file_that_cannot_be_deleted_is_an_error_after_all_others() {
    let folder = folder("undeletable");
    let store = store(&folder);
    // The remains of a save, but a folder: even root cannot delete it as a file.
    fs::create_dir(folder.join("sessionidabcdefgh_out_x_1yabcd")).unwrap();
    for name in ["sessionidemptyempt1", "sessionidemptyempt2"] {
        put(folder.join(name), "");
    }
    let far = 4_000_000_000;
    assert_eq!(store.clear_expired(clear(far, 10)).await.unwrap(), 2);
    let error = store.clear_expired(clear(far, 10)).await.unwrap_err();
    let expected = "files: a file or the folder cannot be read or written";
    assert!(error.to_string().starts_with(expected), "{error}");
}

#[tokio::test]
async fn a_missing_folder_is_an_error_that_names_the_store_and_no_key() {
    let (store, key) = (store(&folder("none").join("none")), key("secretkey"));
    let (session, errors) = (
        session(),
        "files: a file or the folder cannot be read or written",
    );
    let failed = |error: StoreError<hardtack_stores::Error>| {
        assert!(error.to_string().starts_with(errors), "{error}");
        let texts = format!("{error} {error:?} {:?}", std::error::Error::source(&error));
        assert!(!texts.contains("secretkey"), "{texts}");
    };
    failed(load_at(&store, &key, NOW).await.unwrap_err());
    failed(store.create(save(&key, &session)).await.unwrap_err());
    failed(store.update(save(&key, &session)).await.unwrap_err());
    failed(store.delete(&key).await.unwrap_err());
    failed(store.clear_expired(clear(NOW, 10)).await.unwrap_err());
}

#[tokio::test]
async fn a_session_that_is_too_large_is_not_written() {
    const LIMIT: usize = 8 * 1024 * 1024;
    /// So long ago that the timestamp has five digits: with six, no text has exactly `LIMIT` bytes.
    const LONG_AGO: i64 = 500_000_000;
    let folder = folder("large");
    let codec = codec()
        .with_max_json_length(usize::MAX)
        .with_compression(Compression::Never);
    let store = Files::new(&folder, codec.clone());
    let text_of = |length: usize| {
        let mut session = Session::new();
        session.insert("text", "a".repeat(length)).unwrap();
        session
    };
    let key = key("abcdefgh");
    let save = |session| Save {
        now: LONG_AGO.into(),
        ..save(&key, session)
    };

    // Base64, a timestamp and a signature. One byte more of JSON is one byte more of Base64 here.
    let json = (LIMIT - ":00000:".len() - 43) * 3 / 4;
    let length = json - r#"{"text":""}"#.len();
    let longest = text_of(length);
    let text = codec.encode(&longest, LONG_AGO).unwrap();
    assert_eq!(text.len(), LIMIT);
    assert!(store.create(save(&longest)).await.unwrap());
    let found = load_at(&store, &key, LONG_AGO).await.unwrap().unwrap();
    assert!(found.session == longest);
    fs::remove_file(folder.join("sessionidabcdefgh")).unwrap();

    let too_long = text_of(length + 1);
    let refused = store.create(save(&too_long)).await;
    let Err(StoreError::Session(error)) = refused else {
        panic!("{refused:?}");
    };
    let (length, limit) = (LIMIT + 1, LIMIT);
    assert_eq!(error, SessionError::TooLong { length, limit });
    assert_eq!(names(&folder), [""; 0]);
}

/// Another process deletes the file as Django does, with a plain `unlink`, at any moment of an update.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_update_does_not_bring_a_deleted_session_back() {
    let folder = folder("race");
    let (store, key, session) = (store(&folder), key("abcdefgh"), session());
    let path = folder.join("sessionidabcdefgh");
    let mut updated = 0;
    for round in 0..2000_u64 {
        assert!(store.create(save(&key, &session)).await.unwrap());
        let deleted = tokio::task::spawn_blocking({
            let path = path.clone();
            move || {
                std::thread::sleep(Duration::from_micros(round % 100));
                fs::remove_file(path).unwrap();
            }
        });
        updated += u32::from(store.update(save(&key, &session)).await.unwrap());
        deleted.await.unwrap();
        assert_eq!(names(&folder), [""; 0], "round {round}");
    }
    assert!(updated > 0, "no update came before its deletion");
    assert!(updated < 2000, "no deletion came before its update");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_sees_the_old_session_or_the_new_one() {
    let folder = folder("whole");
    let (store, key) = (store(&folder), key("abcdefgh"));
    let mut large = Session::new();
    large.insert("text", "Zoë".repeat(20_000)).unwrap();
    assert!(store.create(save(&key, &session())).await.unwrap());
    let writer = tokio::spawn({
        let (store, key, large) = (store.clone(), key.clone(), large.to_json());
        async move {
            let large = Session::from_json(&large).unwrap();
            for round in 0..500 {
                let session = if round % 2 == 0 { &large } else { &session() };
                assert!(store.update(save(&key, session)).await.unwrap());
            }
        }
    });
    let mut seen = [0, 0];
    while !writer.is_finished() {
        let found = load_at(&store, &key, NOW).await.unwrap().unwrap().session;
        assert!(found == large || found == session());
        seen[usize::from(found == large)] += 1;
    }
    writer.await.unwrap();
    assert!(seen.iter().all(|count| *count > 0), "{seen:?}");
}

#[tokio::test]
async fn a_save_that_fails_leaves_no_file() {
    let folder = folder("failed");
    let (key, session) = (key("abcdefgh"), session());
    // No file can have this time of modification.
    let early = Save {
        now: (-1).into(),
        ..save(&key, &session)
    };
    let store = store(&folder);
    assert!(matches!(
        store.create(early).await,
        Err(StoreError::Store(_))
    ));
    assert_eq!(names(&folder), [""; 0]);
    assert!(store.create(save(&key, &session)).await.unwrap());
    assert!(matches!(
        store.update(early).await,
        Err(StoreError::Store(_))
    ));
    assert_eq!(names(&folder), ["sessionidabcdefgh"]);
    assert!(load_at(&store, &key, NOW).await.unwrap().is_some());
}
