{#- Builds beside the current table, then swaps; see tables.py. A table that would come out as it is
    stays, unless `--full-refresh` is asked for; see unchanged.py. -#}
{% materialization table, adapter='sparksession', supported_languages=['sql', 'python'] %}
    {%- set target_relation = this.incorporate(type='table') -%}

    {{ run_hooks(pre_hooks) }}

    {%- if model['language'] == 'python' -%}
        {%- call statement('main', language='python') -%}
            {{- compiled_code }}
df = model(dbtObj(spark.table), spark)
        {%- endcall -%}
    {%- else -%}
        {%- set query = compiled_code -%}
        {%- if config.get('contract').enforced -%}
            {{- get_assert_columns_equivalent(query) -}}
            {%- set query = get_select_subquery(query) -%}
        {%- endif -%}
        {%- do write(query) -%}
        {%- set built = adapter.replace_table(
            target_relation, query, model, again=should_full_refresh()
        ) -%}
        {%- do store_raw_result(
            'main', message=built.message, code='SELECT', rows_affected=built.rows
        ) -%}
    {%- endif -%}

    {%- do apply_grants(
        target_relation, config.get('grants'), should_revoke=true
    ) -%}
    {%- do persist_docs(target_relation, model) -%}

    {{ run_hooks(post_hooks) }}

    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
