SELECT CASE WHEN (SELECT count(*) FROM audit_events) = 0 THEN 1 ELSE 0 END;
