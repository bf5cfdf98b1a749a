//! Which source wins, and what a wrong value is answered with.

use super::*;

fn flags(values: &[(&'static str, &str)]) -> Flags {
    Flags { config: None, values: values.iter().map(|(flag, value)| (*flag, (*value).to_owned())).collect() }
}

fn load(flags: &Flags, environment: &[(&str, &str)]) -> Result<Config, ConfigErrors> {
    Config::from_sources(flags, &|name| environment.iter().find(|(one, _)| *one == name).map(|(_, value)| (*value).to_owned()))
}

/// A file of this content, in a folder of its own.
fn file(content: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("effluent-config-{}", uuid::Uuid::new_v4()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("effluent.toml");
    std::fs::write(&path, content).unwrap();
    path
}

#[test]
fn nothing_said_gives_a_server_on_this_machine() {
    let config = load(&Flags::default(), &[]).unwrap();
    assert_eq!((config.bind.value.to_string().as_str(), config.bind.source), ("127.0.0.1:8000", Source::Default));
    assert!(config.database_url.is_none() && config.otlp_endpoint.is_none());
}

#[test]
fn flags_win_over_the_environment_and_that_over_the_file() {
    let path = file("bind = \"127.0.0.1:1\"\nlog = \"warn\"\ndata_dir = \"/from/file\"\ndatabase_connections = 7\n");
    let flags = Flags { config: Some(path.clone()), ..flags(&[("--bind", "127.0.0.1:3")]) };
    let config = load(&flags, &[("EFFLUENT_BIND", "127.0.0.1:2"), ("EFFLUENT_LOG", "debug")]).unwrap();
    assert_eq!((config.bind.value.port(), config.bind.source), (3, Source::Flag("--bind")));
    assert_eq!((config.log.value.as_str(), config.log.source), ("debug", Source::Environment("EFFLUENT_LOG")));
    assert_eq!((config.data_dir.value, config.data_dir.source), (PathBuf::from("/from/file"), Source::File(path, "data_dir")));
    assert_eq!(config.database_connections.value, 7);
}

#[test]
fn all_that_is_wrong_is_said_at_once_with_name_source_and_form() {
    let path = file("colour = 1\nrate_limit = true\n");
    let flags = Flags { config: Some(path), ..flags(&[("--bind", "here")]) };
    let errors =
        load(&flags, &[("EFFLUENT_METRICS_BIND", "nine"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4317")]).unwrap_err().to_string();
    for expected in [
        "`colour` in ",
        "EFFLUENT_BIND (from the flag --bind) is not an address with a port; accepted: an address and a port",
        "EFFLUENT_METRICS_BIND (from the environment variable EFFLUENT_METRICS_BIND) is not an address",
        "EFFLUENT_RATE_LIMIT (from `rate_limit` in ",
        "OTEL_EXPORTER_OTLP_ENDPOINT (from the environment variable OTEL_EXPORTER_OTLP_ENDPOINT) does not begin with http://",
    ] {
        assert!(errors.contains(expected), "{expected:?} is not in:\n{errors}");
    }
}

#[test]
fn production_refuses_the_development_secret() {
    for environment in
        [vec![("EFFLUENT_ENV", "production")], vec![("EFFLUENT_ENV", "production"), ("EFFLUENT_JWT_SECRET", DEVELOPMENT_SECRET)]]
    {
        let errors = load(&Flags::default(), &environment).unwrap_err().to_string();
        assert!(errors.contains("EFFLUENT_JWT_SECRET") && errors.contains("production refuses"), "{errors}");
    }
    let own = [("EFFLUENT_ENV", "production"), ("EFFLUENT_JWT_SECRET", "0123456789abcdef0123456789abcdef")];
    assert!(load(&Flags::default(), &own).is_ok());
}

#[test]
fn a_secret_is_never_printed() {
    let environment =
        [("EFFLUENT_JWT_SECRET", "s3cr3t-s3cr3t-s3cr3t-s3cr3t-s3cr3t"), ("DATABASE_URL", "postgres://ada:hunter2@localhost/home")];
    let config = load(&Flags::default(), &environment).unwrap();
    let printed = format!("{config:?} {:?}", config.describe());
    assert!(!printed.contains("s3cr3t") && !printed.contains("hunter2"), "{printed}");
    for wrong in [[("EFFLUENT_JWT_SECRET", "s3cr3t")], [("DATABASE_URL", "mysql://ada:hunter2@localhost/home")]] {
        let errors = load(&Flags::default(), &wrong).unwrap_err().to_string();
        assert!(!errors.contains("s3cr3t") && !errors.contains("hunter2"), "{errors}");
    }
    let path = file("jwt_secret = s3cr3t\n");
    let errors = load(&Flags { config: Some(path), ..Flags::default() }, &[]).unwrap_err().to_string();
    assert!(errors.contains("line 1") && !errors.contains("s3cr3t"), "{errors}");
}

#[test]
fn a_file_that_is_named_must_be_there() {
    let errors = load(&Flags { config: Some(PathBuf::from("/nowhere/effluent.toml")), ..Flags::default() }, &[]).unwrap_err();
    assert!(errors.to_string().contains("/nowhere/effluent.toml cannot be read"), "{errors}");
    assert!(load(&Flags::default(), &[("EFFLUENT_CONFIG", "/nowhere/effluent.toml")]).is_err());
}
