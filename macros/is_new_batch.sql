{#-
    Condition for the landed records that an incremental model has not taken yet; a batch counts as
    taken when the model has a record of it.

    {{ is_new_batch(ref('listen_history_raw')) }}  ->  _batch_id in ('20261124T080000Z-1f3a')
-#}
{% macro is_new_batch(landed) -%}
    {%- set batches -%}
        select distinct _batch_id from {{ landed }}
        except
        select distinct batch_id from {{ this }}
    {%- endset -%}
    {{ is_one_of('_batch_id', query_values(batches)) }}
{%- endmacro %}
