//! What the documents say, held against what is.

const README: &str = include_str!("../../README.md");
const ARCHITECTURE: &str = include_str!("../../ARCHITECTURE.md");

/// The error messages in the README are those that rustc prints.
#[test]
fn the_readme_shows_real_errors() {
    let printed = include_str!("../ui/readme.stderr").replace("ui/readme.rs", "src/main.rs");
    assert!(README.contains(printed.trim()), "the README should hold:\n{printed}");
}

/// No heading stands over nothing, and every file that is linked to is there.
#[test]
fn the_documents_are_whole() {
    for document in [README, ARCHITECTURE] {
        let lines: Vec<_> = document.lines().filter(|line| !line.is_empty()).collect();
        let ends = lines.windows(2).filter(|pair| pair.iter().all(|line| line.starts_with("## ")));
        assert_eq!(ends.count(), 0);
        assert!(!lines.last().unwrap().starts_with('#'));
        let links = document.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
        for link in links.filter(|link| !link.is_empty() && !link.starts_with("http")) {
            let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(link);
            assert!(path.exists(), "{link} is not there");
        }
    }
}
