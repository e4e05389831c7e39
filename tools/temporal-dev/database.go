package main

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"go.temporal.io/server/common/config"
	sqliteplugin "go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite"
	"go.temporal.io/server/schema/sqlite"
)

func databaseConfig(file string) *config.SQL {
	return &config.SQL{
		PluginName:   sqliteplugin.PluginName,
		DatabaseName: file,
		// Durable at every commit: a workflow must survive a kill of this process.
		ConnectAttributes: map[string]string{"mode": "rwc", "_journal_mode": "wal", "_synchronous": "2"},
	}
}

// Makes file, schema and namespace where they are missing. The schema is written to another name first: a process that
// is killed in between leaves no half database behind.
func prepareDatabase(file string, namespace string) error {
	if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			return err
		}
		unfinished := file + ".new"
		for _, suffix := range []string{"", "-wal", "-shm"} {
			_ = os.Remove(unfinished + suffix)
		}
		if err := sqlite.SetupSchema(schemaConfig(unfinished)); err != nil {
			return fmt.Errorf("schema: %w", err)
		}
		if err := os.Rename(unfinished, file); err != nil {
			return err
		}
	}
	namespaceConfig, err := sqlite.NewNamespaceConfig(clusterName, namespace, false, nil)
	if err != nil {
		return fmt.Errorf("namespace %s: %w", namespace, err)
	}
	if err := sqlite.CreateNamespaces(databaseConfig(file), namespaceConfig); err != nil {
		return fmt.Errorf("namespace %s: %w", namespace, err)
	}
	return forgetMembers(file)
}

// All services of a database are in this one process, so whoever is registered when it starts is gone. The server would
// try for most of a minute to join their ring, and hold workflow tasks back until it gives up.
func forgetMembers(file string) error {
	database, err := sql.Open("sqlite", file)
	if err != nil {
		return err
	}
	defer func() { _ = database.Close() }()
	if _, err := database.Exec("DELETE FROM cluster_membership"); err != nil {
		return fmt.Errorf("members of the last server: %w", err)
	}
	return nil
}

// Without a write-ahead log, so that one file holds everything when it is renamed.
func schemaConfig(file string) *config.SQL {
	schema := databaseConfig(file)
	schema.ConnectAttributes = map[string]string{"mode": "rwc", "_journal_mode": "delete", "_synchronous": "2"}
	return schema
}
