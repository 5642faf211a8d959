{#-
    Builds the partitions that the query has rows of (`insert_overwrite`), adds its rows (`append`), or
    replaces all by them, which may be read from the table itself (`rewrite`: for small histories);
    beside the current table, then swaps, see tables.py.
-#}
{% materialization incremental, adapter='sparksession', supported_languages=['sql'] %}
    {%- set strategies = ['insert_overwrite', 'append', 'rewrite'] -%}
    {%- set strategy = config.get('incremental_strategy', 'insert_overwrite') -%}
    {%- if strategy not in strategies -%}
        {%- do exceptions.raise_compiler_error(
            model.name ~ ": incremental_strategy '" ~ strategy ~ "' needs a table format that Parquet"
            ~ ' is not; use one of ' ~ strategies | join(', ') ~ '.'
        ) -%}
    {%- endif -%}
    {%- if strategy == 'insert_overwrite' and not config.get('partition_by') -%}
        {%- do exceptions.raise_compiler_error(
            model.name ~ ': insert_overwrite replaces partitions; say which in `partition_by`.'
        ) -%}
    {%- endif -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set existing_relation = load_cached_relation(this) -%}
    {%- set is_whole = (
        existing_relation is none or existing_relation.is_view or should_full_refresh()
        or strategy == 'rewrite'
    ) -%}

    {{ run_hooks(pre_hooks) }}

    {%- set query = compiled_code -%}
    {%- if config.get('contract').enforced -%}
        {{- get_assert_columns_equivalent(query) -}}
        {%- set query = get_select_subquery(query) -%}
    {%- endif -%}
    {%- do write(query) -%}
    {%- if is_whole -%}
        {%- set built = adapter.replace_table(
            target_relation, query, model, again=should_full_refresh()
        ) -%}
    {%- else -%}
        {%- set built = adapter.update_table(
            target_relation, query, model, keep_partitions=(strategy == 'append')
        ) -%}
    {%- endif -%}
    {%- do store_raw_result(
        'main', message=built.message, code='SELECT', rows_affected=built.rows
    ) -%}

    {%- do apply_grants(
        target_relation, config.get('grants'), should_revoke=true
    ) -%}
    {%- do persist_docs(target_relation, model) -%}

    {{ run_hooks(post_hooks) }}

    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
