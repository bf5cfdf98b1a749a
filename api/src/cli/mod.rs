//! The command line: parse and dispatch; a file per subcommand.
//!
//! Standard output carries what was asked for (the address, the document, the report of the doctor); everything about how it
//! went is a log line or a message on standard error. Exit codes: 0 done, 1 failed, 2 wrong use or configuration.

mod database;
mod demo;
mod doctor;
mod migrate;
mod openapi;
mod projections;
mod projector;
mod serve;
mod stop;

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::{Config, Flags};
use crate::telemetry;

/// The backend of a household-finance planner.
#[derive(Parser)]
#[command(name = "effluent", version, after_help = "Example:\n  effluent serve --bind 127.0.0.1:8000")]
struct Call {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    common: Common,
}

/// What every subcommand takes.
#[derive(Args)]
struct Common {
    /// A TOML file with settings [default: effluent.toml, where it exists]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The folder of the private database [default: ./.data]
    #[arg(long, global = true, value_name = "FOLDER")]
    data_dir: Option<String>,
}

#[derive(Subcommand)]
enum Command {
    /// Answer requests over HTTP
    #[command(after_help = serve::EXAMPLES)]
    Serve(serve::Options),
    /// Keep forecasts up to date, beside any number of others that do
    #[command(after_help = projector::EXAMPLES)]
    Projector,
    /// Bring the database's schema up to date
    #[command(after_help = migrate::EXAMPLES)]
    Migrate,
    /// Load the demo household
    #[command(after_help = demo::EXAMPLES)]
    Demo,
    /// Check configuration, database, migrations and clock, and say what to do
    #[command(after_help = doctor::EXAMPLES)]
    Doctor(doctor::Options),
    /// Look after the read models
    #[command(subcommand, after_help = projections::EXAMPLES)]
    Projections(projections::Command),
    /// Print the OpenAPI document
    #[command(after_help = openapi::EXAMPLES)]
    Openapi,
}

/// Why a subcommand failed; each says itself what went wrong.
type Failure = Box<dyn Error>;

/// Parses the command line, and does what it says.
pub fn main() -> ExitCode {
    let call = Call::parse();
    if matches!(call.command, Command::Openapi) {
        return finish(openapi::run());
    }
    let config = match Config::load(&flags(&call)) {
        Ok(config) => config,
        Err(errors) => return fail("effluent cannot start:", &errors, ExitCode::from(2)),
    };
    if let Command::Doctor(options) = &call.command {
        return finish(in_runtime(doctor::run(&config, options)));
    }
    let telemetry = match telemetry::init(&config) {
        Ok(telemetry) => telemetry,
        Err(error) => return fail("effluent cannot start:", &error, ExitCode::FAILURE),
    };
    let result = match call.command {
        Command::Serve(options) => in_runtime(serve::run(&config, &options)),
        Command::Projector => in_runtime(projector::run(&config)),
        Command::Migrate => in_runtime(migrate::run(&config)),
        Command::Demo => in_runtime(demo::run(&config)),
        Command::Projections(command) => in_runtime(projections::run(&config, &command)),
        Command::Doctor(_) | Command::Openapi => Ok(()), // done above: neither logs
    };
    drop(telemetry);
    finish(result)
}

/// The runtime of actix: one thread for what is asynchronous here; the server starts its own.
fn in_runtime(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    actix_web::rt::System::new().block_on(work)
}

fn flags(call: &Call) -> Flags {
    let mut values = BTreeMap::new();
    if let Some(folder) = &call.common.data_dir {
        values.insert("--data-dir", folder.clone());
    }
    if let Command::Serve(serve::Options { bind: Some(bind), .. }) = &call.command {
        values.insert("--bind", bind.clone());
    }
    if let Command::Serve(serve::Options { no_projector: true, .. }) = &call.command {
        values.insert("--no-projector", "off".to_owned());
    }
    Flags { config: call.common.config.clone(), values }
}

fn finish(result: Result<(), Failure>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail("effluent failed:", error.as_ref(), ExitCode::FAILURE),
    }
}

fn fail(heading: &str, error: &dyn Error, code: ExitCode) -> ExitCode {
    let mut message = format!("{heading}\n{error}\n");
    let mut cause = error.source();
    while let Some(error) = cause {
        message.push_str(&format!("  because: {error}\n"));
        cause = error.source();
    }
    // Where standard error is closed, nobody is left to tell.
    drop(std::io::stderr().write_all(message.as_bytes()));
    code
}

/// Prints what was asked for.
fn print(text: &str) -> std::io::Result<()> {
    let mut stdout = std::io::stdout();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn every_subcommand_s_help_has_an_example() {
        Call::command().debug_assert();
        assert_examples(&mut Call::command());
    }

    fn assert_examples(command: &mut clap::Command) {
        // `help` is clap's own, and is there once its parent has been shown.
        for subcommand in command.get_subcommands_mut().filter(|subcommand| subcommand.get_name() != "help") {
            let help = subcommand.render_long_help().to_string();
            assert!(help.contains("Example") && help.contains("effluent "), "{help}");
            assert_examples(subcommand);
        }
    }
}
